import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("derogations", "0003_register_stamp_good_until"),
    ]

    operations = [
        migrations.AddField(
            model_name="derogation",
            name="renews",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewals",
                to="derogations.derogation",
            ),
        ),
    ]
