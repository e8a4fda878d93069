"""The file that a profile's version was drawn from."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("billing", "0003_statements"),
        ("portal", "0004_numbers"),
    ]

    operations = [
        migrations.AddField(
            model_name="profileversion",
            name="sample",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="portal.storedfile",
            ),
        ),
    ]
