"""A hold has an end."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ("billing", "0003_payments_in_parts"),
    ]

    operations = [
        migrations.AddField(
            model_name="release",
            name="held_until",
            field=models.DateField(blank=True, null=True, verbose_name="retenue jusqu'au"),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=Q(("held_until__isnull", False), ("kind", "held"))
                | (~Q(("kind", "held")) & Q(("held_until__isnull", True))),
                name="a_hold_has_its_end",
            ),
        ),
    ]
